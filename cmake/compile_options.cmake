# Flags shared by every target of the project: auditgate_options. Third-party headers are SYSTEM, so warnings as
# errors speak of our own code only.
add_library(auditgate_options INTERFACE)
target_include_directories(auditgate_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(auditgate_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wundef -Werror
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wlogical-op>)
target_compile_definitions(auditgate_options INTERFACE _GLIBCXX_ASSERTIONS)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(auditgate_options INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection)
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)
    target_link_options(auditgate_options INTERFACE -pie -Wl,-z,relro,-z,now)
endif()

if(AUDITGATE_SANITIZE)
    add_compile_options(-fsanitize=${AUDITGATE_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${AUDITGATE_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        # clang cannot assemble Asio's coroutines with -fsanitize=function; RapidJSON 1.1 adds an offset to a
        # null pointer in internal/stack.h.
        add_compile_options(-fno-sanitize=function -fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/tests/sanitizer_ignore.txt)
    else()
        # Instrumented code makes GCC warn where nothing is wrong; its manual advises against -Werror with sanitizers
        # (Instrumentation Options). The other presets keep it.
        target_compile_options(auditgate_options INTERFACE -Wno-error)
        if(AUDITGATE_SANITIZE MATCHES "thread")
            add_compile_options(-Wno-tsan)
        endif()
    endif()
    if(AUDITGATE_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
endif()

if(AUDITGATE_BUILD_FUZZERS)
    add_compile_options(-fsanitize=fuzzer-no-link) # coverage of everything that a fuzzer can reach
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    add_link_options(-fuse-ld=mold)
endif()
