# The host tests: every module of the VMM in one library, every test/unit/test_*.c a program of its own.
set(host_sources ${module_sources})
list(FILTER host_sources EXCLUDE REGEX "_target\\.c$")
file(GLOB unit_tests CONFIGURE_DEPENDS test/unit/test_*.c)
# What several tests share. Not in the library: a test that brings its own fakes must not get these as well.
file(GLOB unit_support CONFIGURE_DEPENDS test/unit/support/*.c)

set(host_flags -O1 -g ${warnings} -fno-common -fno-omit-frame-pointer -fsanitize=address,undefined
    -fno-sanitize-recover=undefined)

if(host_sources OR decoder_generated)
    add_library(vmm_host STATIC ${host_sources} ${decoder_generated})
    target_include_directories(vmm_host PUBLIC src ${generated})
    target_compile_options(vmm_host PRIVATE ${host_flags})
endif()
find_library(CAPSTONE capstone)

foreach(source ${unit_tests})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source} ${unit_support})
    target_include_directories(${name} PRIVATE src test test/unit ${generated})
    target_compile_options(${name} PRIVATE ${host_flags})
    target_link_options(${name} PRIVATE -fsanitize=address,undefined)
    if(TARGET vmm_host)
        target_link_libraries(${name} PRIVATE vmm_host)
    endif()
    if(CAPSTONE)
        target_link_libraries(${name} PRIVATE ${CAPSTONE})
    endif()
endforeach()
