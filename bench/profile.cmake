# ./armature profile's plugin of the emulator.
add_library(profile MODULE ${CMAKE_SOURCE_DIR}/bench/profile.c)
set_target_properties(profile PROPERTIES PREFIX "")
target_include_directories(profile PRIVATE src)
target_compile_options(profile PRIVATE -O2 ${warnings} -fvisibility=hidden)
