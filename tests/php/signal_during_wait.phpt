--TEST--
A signal handler runs while the extension waits, and the call goes on
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pcntl_async_signals(true);
$started = microtime(true);
$after = null;
pcntl_signal(SIGALRM, function () use ($started, &$after) { $after = microtime(true) - $started; });
$sync = sync(registrar: 'slow');
$started = microtime(true);
pcntl_alarm(1);
$result = $sync->syncDomain(key(domains(1)));
$took = microtime(true) - $started;
echo json_encode($result['success']), ' ', yes($after > 0.9 && $after < 1.5), ' ', yes($took > 2), "\n";
--EXPECT--
true yes yes
