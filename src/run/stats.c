/* What the run loop counts (run/run.h). */
#include "run/run.h"

struct run_stats run_stats;
