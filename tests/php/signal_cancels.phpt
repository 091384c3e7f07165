--TEST--
cancel() of a signal handler stops a single call with an exception and a batch with its report (S6.8)
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pcntl_async_signals(true);
$sync = sync(registrar: 'slow');
pcntl_signal(SIGALRM, fn () => $sync->cancel());
pcntl_alarm(1);
$started = microtime(true);
$caught = thrown(fn () => $sync->syncDomain(key(domains(1))));
echo get_class($caught), ' ', $caught->getKind(), ' ', yes(microtime(true) - $started < 2.5), "\n";
pcntl_alarm(1);
$report = $sync->syncDomains(array_keys(domains(100)), true);
echo json_encode($report['cancelled']), ' ', yes($report['stats']['total'] < 100), "\n";
--EXPECT--
DomainDesk\Sync\Exception\CancelledException cancelled yes
true yes
