--TEST--
A callback may call the same object and others
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$names = array_keys(domains(4));
$sync = sync();
$seen = [];
$report = $sync->syncDomains(array_slice($names, 0, 2), false, function (array $domain) use ($sync, $names, &$seen) {
    $seen[] = $sync->syncDomain($names[2], true)['success'];
    $seen[] = sync()->syncDomains([$names[3]], true, fn () => true)['stats']['synced'];
    $seen[] = $sync->getStats()['total'] > 0;
});
echo json_encode($seen), ' ', $report['stats']['synced'], "\n";
--EXPECT--
[true,1,true,true,1,true] 2
