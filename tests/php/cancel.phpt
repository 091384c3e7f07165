--TEST--
cancel() from a callback ends the batch, and later calls are not affected (S6.8)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync(registrar: 'slow');
$report = $sync->syncDomains(array_keys(domains(40)), true, fn () => $sync->cancel());
echo json_encode($report['cancelled']), ' ', yes($report['stats']['total'] > 0 && $report['stats']['total'] < 40), "\n";
echo json_encode($sync->syncDomain(key(domains(1)), true)['success']), "\n";
--EXPECT--
true yes
true
