--TEST--
exit() in a callback ends the process with its code, and shutdown functions run
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
[$out, $err, $code] = in_process('
    register_shutdown_function(function () { echo "shutdown\n"; });
    sync()->syncDomains(array_keys(domains(50)), true, function () { echo "before\n"; exit(3); });
    echo "not reached\n";
');
echo $out, $err, $code, "\n";
--EXPECT--
before
shutdown
3
