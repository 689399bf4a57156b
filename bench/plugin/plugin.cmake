# ./armature profile's plugin of the emulator, with the model of the Cortex-A8 and the decoder that it stands
# on.
file(GLOB plugin_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/plugin/*.c)
file(GLOB cortex_a8_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/cortex_a8/*.c)
add_library(profile MODULE ${plugin_sources} ${cortex_a8_sources} src/decoder/decode.c
    ${generated}/rows_core.c ${generated}/ops.h)
set_target_properties(profile PROPERTIES PREFIX "")
target_include_directories(profile PRIVATE src bench ${generated})
target_compile_options(profile PRIVATE -O2 ${warnings} -fvisibility=hidden)

# The model's own test (test/unit), which needs no emulator.
if(TARGET test_cortex_a8)
    target_sources(test_cortex_a8 PRIVATE ${cortex_a8_sources})
    target_include_directories(test_cortex_a8 PRIVATE bench)
endif()
