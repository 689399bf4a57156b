/* The configuration block, for the packer to overwrite (vm/image.h). */
#include "vm/image.h"

struct image_config image_config __attribute__((section(".config"))) = {.magic = IMAGE_MAGIC};
