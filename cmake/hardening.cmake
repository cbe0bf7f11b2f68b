# The flags of Debian's dpkg-buildflags (hardening=+all), for every target. tools/check_hardening.py checks the built
# program; docs/hardening.md has the cost.
option(QUOLL_HARDENING "Build with the compiler's and the linker's protections" ON)

include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

if(QUOLL_HARDENING)
  # -fPIE instead of CMake's -fPIC: there are no shared libraries here, and -fPIC would allow less inlining.
  add_compile_options(-fPIE)
  add_link_options(-pie)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection)
  add_link_options(LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
  # _FORTIFY_SOURCE needs optimisation, and sanitizers replace the same functions.
  if(NOT QUOLL_SANITIZE)
    add_compile_options($<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE>
                        $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-D_FORTIFY_SOURCE=3>)
  endif()
  # CET, only on x86. Without ibt and shstk the linker drops the mark if one object lacks it, as Debian's crt1.o does.
  check_cxx_compiler_flag(-fcf-protection QUOLL_HAS_CF_PROTECTION)
  if(QUOLL_HAS_CF_PROTECTION AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection)
    check_linker_flag(CXX "LINKER:-z,ibt,-z,shstk" QUOLL_HAS_CET_MARK)
    if(QUOLL_HAS_CET_MARK)
      add_link_options(LINKER:-z,ibt LINKER:-z,shstk)
    endif()
  endif()
endif()
