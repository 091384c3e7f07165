--TEST--
A child that does not touch the extension ends as ever, its object included
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync();
$sync->getStats();
echo in_child(function () use (&$sync) {
    $sync = null;
    gc_collect_cycles();
    exit(5);
})[0], "\n";
echo yes($sync->getStats()['total'] > 0), "\n";
--EXPECT--
exit 5
yes
