--TEST--
The engine's threads block every signal of PHP's
--EXTENSIONS--
pcntl
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
sync()->getStats();
$blocked = 0;
foreach (glob('/proc/self/task/*/status') as $file) {
    $status = file_get_contents($file);
    if (preg_match('/^Name:\s+dds-rt/m', $status)) {
        preg_match('/^SigBlk:\s+([0-9a-f]+)/m', $status, $mask);
        $blocked += (int) ((hexdec(substr($mask[1], -8)) & (1 << (SIGALRM - 1))) && (hexdec(substr($mask[1], -8)) & (1 << (SIGTERM - 1))));
    }
}
echo yes($blocked >= 2), "\n";
preg_match('/^SigBlk:\s+([0-9a-f]+)/m', file_get_contents('/proc/self/status'), $mask);
echo hexdec($mask[1]), "\n";
--EXPECT--
yes
0
