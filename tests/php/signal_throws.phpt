--TEST--
An exception of a signal handler ends a batch and comes out unchanged (S6.8)
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pcntl_async_signals(true);
$own = new RuntimeException('time to go');
pcntl_signal(SIGALRM, function () use ($own) { throw $own; });
$sync = sync(registrar: 'slow');
$started = microtime(true);
pcntl_alarm(1);
$caught = thrown(fn () => $sync->syncDomains(array_keys(domains(100))));
echo yes($caught === $own), ' ', yes(microtime(true) - $started < 5), "\n";
$started = microtime(true);
pcntl_alarm(1);
$caught = thrown(fn () => $sync->syncDomain(key(domains(1)), true));
echo yes($caught === $own), ' ', yes(microtime(true) - $started < 5), "\n";
--EXPECT--
yes yes
yes yes
