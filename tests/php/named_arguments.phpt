--TEST--
Arguments can be named and left out
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$name = key(domains(1));
$sync = sync();
$called = 0;
echo json_encode($sync->syncDomain(domain: $name, options: ['dry_run' => true])['dry_run']), "\n";
echo $sync->syncDomains(progress: function () use (&$called) { $called++; }, options: ['limit' => 2])['stats']['total'], ' ', $called, "\n";
echo $sync->syncDomainStatuses(progress: null, domains: [$name])['stats']['total'], "\n";
echo count($sync->getDomainsNeedingSync(options: [], limit: 4)), "\n";
--EXPECT--
true
2 2
1
4
