# Tests stand beside the code: NAME_test.c is a program of its own, NAME_fuzz.c
# a libFuzzer target, whose corpus every other build replays as a test.
# Whoever only installs says BUILD_TESTING=OFF, and needs nothing for them.
if(BUILD_TESTING)
  pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET GLOBAL check>=0.15)
endif()

function(converge_tests)
  if(NOT BUILD_TESTING)
    return()
  endif()
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME_WE)
    add_executable(${name} ${file})
    target_link_libraries(${name} PRIVATE converge_parts PkgConfig::CHECK
      PkgConfig::SQLITE)
    target_compile_definitions(${name} PRIVATE _GNU_SOURCE
      TESTDATA="${CMAKE_SOURCE_DIR}/testdata" BINARY_DIR="${CMAKE_BINARY_DIR}")
    # -Wconversion sees inside Check's macros
    target_compile_options(${name} PRIVATE -Wno-conversion -Wno-sign-conversion)
    add_test(NAME unit.${name} COMMAND ${name})
    set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 300)
    if(CONVERGE_SANITIZE)
      set_tests_properties(unit.${name} PROPERTIES ENVIRONMENT "CK_FORK=no")
    endif()
  endforeach()
endfunction()

function(converge_fuzzers)
  if(NOT BUILD_TESTING)
    return()
  endif()
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME_WE)
    add_executable(${name} ${file})
    target_link_libraries(${name} PRIVATE converge_parts)
    target_compile_definitions(${name} PRIVATE _POSIX_C_SOURCE=200809L)
    if(CONVERGE_FUZZ)
      target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    else()
      target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/lib/fuzz_main.c)
    endif()
    add_test(NAME corpus.${name} COMMAND ${name} -runs=0
      ${CMAKE_SOURCE_DIR}/testdata/fuzz/${name})
    set_tests_properties(corpus.${name} PROPERTIES LABELS corpus TIMEOUT 300)
  endforeach()
endfunction()
