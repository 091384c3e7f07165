--TEST--
A time limit that runs out while the extension waits ends the process
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$started = microtime(true);
[$out, $err, $code] = in_process('
    set_time_limit(1);
    $until = hrtime(true) + 850_000_000;
    while (hrtime(true) < $until);
    pcntl_async_signals(true);
    pcntl_signal(SIGALRM, function () { while (true); });
    pcntl_alarm(1);
    sync(registrar: "slow")->syncDomain(key(domains(1)));
');
echo yes(str_contains($err, 'Maximum execution time of 1 second exceeded')), ' ', $code, ' ', yes(microtime(true) - $started < 8), "\n";
--EXPECT--
yes 255 yes
