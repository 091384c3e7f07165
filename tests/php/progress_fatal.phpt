--TEST--
A fatal error in a callback ends the process cleanly
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$started = microtime(true);
[$out, $err, $code] = in_process('
    register_shutdown_function(function () { echo "shutdown\n"; });
    sync()->syncDomains(array_keys(domains(50)), true, function () { eval("class Twice {} class Twice {}"); });
    echo "not reached\n";
');
echo $out, yes(str_contains($err, 'Cannot declare class Twice')), ' ', $code, ' ', yes(microtime(true) - $started < 8), "\n";
[$out, $err, $code] = in_process('
    sync()->syncDomains(array_keys(domains(50)), true, function () { $more = str_repeat("x", 1 << 30); });
', ['memory_limit=64M']);
echo yes(str_contains($err, 'Allowed memory size')), ' ', $code, "\n";
--EXPECT--
shutdown
yes 255 yes
yes 255
