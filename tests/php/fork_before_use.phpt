--TEST--
A child that was forked before the first use has threads of its own
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
echo in_child(function () {
    exit(sync()->syncDomain(key(domains(1)))['success'] ? 7 : 1);
})[0], "\n";
echo json_encode(sync()->syncDomain(array_key_last(domains(2)))['success']), "\n";
--EXPECT--
exit 7
true
