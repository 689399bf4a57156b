# The program behind ./armature classify: the VMM's own decoder, translator and CP15 table, without the tests'
# sanitizers.
file(GLOB classify_sources CONFIGURE_DEPENDS src/classify/*.c)
add_executable(classify ${classify_sources} ${decoder_sources} ${dbt_sources} ${decoder_generated}
    src/emul/cp15.c src/emul/cp15_rows.c)
target_include_directories(classify PRIVATE src ${generated})
target_compile_options(classify PRIVATE -O2 -g ${warnings} -fno-common -ffunction-sections)
target_link_options(classify PRIVATE -Wl,--gc-sections)
