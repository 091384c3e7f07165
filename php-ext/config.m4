dnl A build by PHP's own means (phpize, ./configure, make, make install), which is what PIE does: cargo does the work.

PHP_ARG_ENABLE([domaindesk_sync],
  [whether to build domaindesk_sync],
  [AS_HELP_STRING([--enable-domaindesk_sync], [Build domaindesk_sync])],
  [yes])

if test "$PHP_DOMAINDESK_SYNC" != "no"; then
  AC_PATH_PROG([CARGO], [cargo], [no])
  if test "$CARGO" = "no"; then
    AC_MSG_ERROR([cargo is not on the path: install Rust from https://rustup.rs])
  fi
  PHP_SUBST([CARGO])
  DOMAINDESK_SYNC_PHP_CONFIG="$PHP_CONFIG"
  PHP_SUBST([DOMAINDESK_SYNC_PHP_CONFIG])
  PHP_MODULES="$PHP_MODULES \$(phplibdir)/domaindesk_sync.so"
  PHP_ADD_MAKEFILE_FRAGMENT([$srcdir/Makefile.frag], [$srcdir], [.])
fi
