--TEST--
A hundred thousand calls leave PHP's memory as it was, and the process within bounds
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$name = key(domains(1));
$sync = sync();
$sync->syncDomain($name);
for ($i = 0; $i < 500; $i++) {
    $sync->syncDomain($name);
}
[$php, $all] = [memory_get_usage(), resident()];
for ($i = 0; $i < 100_000; $i++) {
    $result = $sync->syncDomain($name);
}
echo json_encode($result['skipped']), ' ', yes(memory_get_usage() - $php < 2048), ' ', yes(resident() - $all < 8 * 1024), "\n";
--EXPECT--
true yes yes
