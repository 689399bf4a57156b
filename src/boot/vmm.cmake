# The VMM's image, and the loader stub of the raw one.
file(GLOB boot_sources CONFIGURE_DEPENDS src/boot/*.[cS] src/vm/*.c src/run/*.[cS] src/run/light/*.c
    src/host/*.[cS] src/board/realview-pb-a8/*.c src/board/drivers/*.c)
list(REMOVE_ITEM boot_sources ${CMAKE_SOURCE_DIR}/src/boot/raw_stub.S)
file(GLOB module_assembly CONFIGURE_DEPENDS src/emul/*.S)
set(linker_script ${CMAKE_SOURCE_DIR}/src/boot/vmm.ld)
set_property(SOURCE src/vm/guest.c PROPERTY COMPILE_DEFINITIONS ARMATURE_VERSION="${PROJECT_VERSION}")

# No VFP register may be used behind the guest's back (they are the guest's), and no unaligned access: SCTLR.A
# is the guest's too, and the MMU is off at first. So the C library is the one for ARMv4T, which has neither;
# that for ARMv7 stores unaligned. The compiler's own library stays, for its divisions: they are not such
# (test/command/image.py).
set(target_flags -mcpu=cortex-a8 -marm -mfloat-abi=soft -mno-unaligned-access)
foreach(library c_nano nosys)
    execute_process(
        COMMAND ${CMAKE_C_COMPILER} -march=armv4t -mthumb -mfloat-abi=soft -print-file-name=lib${library}.a
        OUTPUT_VARIABLE ${library} OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endforeach()

if(boot_sources AND EXISTS ${linker_script})
    add_executable(vmm.elf ${boot_sources} ${module_sources} ${module_assembly} ${decoder_generated})
    target_include_directories(vmm.elf PRIVATE src ${generated})
    target_compile_options(vmm.elf PRIVATE ${target_flags} -O2 -flto -ffat-lto-objects -g -ffreestanding
        -fno-common -ffunction-sections -fdata-sections $<$<COMPILE_LANGUAGE:C>:${warnings}>)
    target_link_options(vmm.elf PRIVATE ${target_flags} -O2 -flto -nostartfiles -static -T ${linker_script}
        -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments
        -Wl,-Map=${CMAKE_BINARY_DIR}/vmm.map -nodefaultlibs)
    target_link_libraries(vmm.elf PRIVATE ${c_nano} ${nosys} -lgcc)
    set_target_properties(vmm.elf PROPERTIES LINK_DEPENDS ${linker_script})
    add_custom_command(TARGET vmm.elf POST_BUILD VERBATIM
        COMMAND ${PYTHON} -B ${CMAKE_SOURCE_DIR}/src/boot/owners.py
            ${CMAKE_BINARY_DIR}/CMakeFiles/vmm.elf.dir/src)
endif()

add_executable(raw_stub.elf src/boot/raw_stub.S)
target_compile_options(raw_stub.elf PRIVATE -mcpu=cortex-a8 -marm)
target_link_options(raw_stub.elf PRIVATE -nostdlib -static -Wl,-Ttext=0 -Wl,-e,raw_start -Wl,--build-id=none)
