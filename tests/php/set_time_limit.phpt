--TEST--
A time limit that runs out in a callback ends the process
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$started = microtime(true);
[$out, $err, $code] = in_process('
    set_time_limit(1);
    sync()->syncDomains(array_keys(domains(50)), true, function () { while (true); });
');
echo yes(str_contains($err, 'Maximum execution time of 1 second exceeded')), ' ', $code, ' ', yes(microtime(true) - $started < 8), "\n";
--EXPECT--
yes 255 yes
