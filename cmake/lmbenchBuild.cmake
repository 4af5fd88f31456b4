# How this project itself is compiled. Everything hangs on one INTERFACE target, which each of our
# targets links privately; nothing of it reaches users of lmbench::abi.
add_library(lmbench_build INTERFACE)
target_compile_features(lmbench_build INTERFACE cxx_std_20)
target_compile_options(lmbench_build INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual
  $<$<BOOL:${LMBENCH_WERROR}>:-Werror>
  $<$<CONFIG:Debug>:-Og>)  # plain -O0 makes the arithmetic tests crawl
if(LMBENCH_SANITIZE)
  set(_sanitize -fsanitize=${LMBENCH_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined)
  target_compile_options(lmbench_build INTERFACE ${_sanitize})
  target_link_options(lmbench_build INTERFACE -fsanitize=${LMBENCH_SANITIZE})
  target_compile_definitions(lmbench_build INTERFACE LMBENCH_SANITIZED=1)
endif()
if(LMBENCH_FUZZ)
  target_compile_options(lmbench_build INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LMBENCH_TIDY)
  find_program(LMBENCH_CLANG_TIDY clang-tidy REQUIRED)
  set(CMAKE_CXX_CLANG_TIDY ${LMBENCH_CLANG_TIDY} --quiet --warnings-as-errors=*)
endif()
