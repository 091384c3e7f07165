--TEST--
A time limit that runs out while the extension waits ends the process
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$started = microtime(true);
[$out, $err, $code] = in_process('
    set_time_limit(5);
    $parent = posix_getpid();
    if (pcntl_fork() === 0) {
        usleep(1_500_000);
        posix_kill($parent, SIGPROF); // as the timer does when the time is used up
        exit(0);
    }
    register_shutdown_function(function () { echo "shutdown\n"; });
    sync(registrar: "slow")->syncDomain(key(domains(1)));
    echo "not reached\n";
');
echo $out, yes(str_contains($err, 'Maximum execution time of 5 seconds exceeded')), ' ', $code, ' ', yes(microtime(true) - $started < 8), "\n";
--EXPECT--
shutdown
yes 255 yes
