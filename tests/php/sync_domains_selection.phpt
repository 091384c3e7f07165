--TEST--
Without domains those that need it are synced, at most the option limit (S1.3)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync();
$due = $sync->getDomainsNeedingSync(5);
$report = $sync->syncDomains(options: ['limit' => 5]);
$ids = array_column($report['results'], 'id');
sort($ids);
sort($due);
echo count($due), ' ', yes($ids === $due), "\n";
echo count($sync->syncDomains(options: ['limit' => 3, 'results' => 'none'])['results']), "\n";
echo json_encode($sync->syncDomains([])['stats']['total']), "\n";
--EXPECT--
5 yes
0
0
