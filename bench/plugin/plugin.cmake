# ./armature profile's plugin of the emulator.
file(GLOB plugin_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bench/plugin/*.c)
add_library(profile MODULE ${plugin_sources})
set_target_properties(profile PROPERTIES PREFIX "")
target_include_directories(profile PRIVATE src)
target_compile_options(profile PRIVATE -O2 ${warnings} -fvisibility=hidden)
