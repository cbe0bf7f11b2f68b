# What Debian's dpkg-buildflags gives its packages (hardening=+all), for every target. tools/check_hardening.py holds the
# built program to it; what it costs: docs/hardening.md.
option(QUOLL_HARDENING "Build with the compiler's and the linker's protections" ON)

include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

if(QUOLL_HARDENING)
  # There are no shared libraries here; with -fPIC, which CMake would take, less could be inlined.
  add_compile_options(-fPIE)
  add_link_options(-pie)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  # It needs the optimizer, and sanitizers replace the same functions.
  if(NOT QUOLL_SANITIZE)
    add_compile_options($<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE>
                        $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=3>)
  endif()
  # Indirect jumps and returns: x86 alone. The linker drops the mark when one object lacks it, as Debian's crt1.o does.
  check_cxx_compiler_flag(-fcf-protection QUOLL_HAS_CF_PROTECTION)
  if(QUOLL_HAS_CF_PROTECTION AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection)
    check_linker_flag(CXX "LINKER:-z,ibt,-z,shstk" QUOLL_HAS_CET_MARK)
    if(QUOLL_HAS_CET_MARK)
      add_link_options(LINKER:-z,ibt LINKER:-z,shstk)
    endif()
  endif()
endif()
