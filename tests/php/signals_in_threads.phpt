--TEST--
The extension's threads, SQLite's included, block the signals that PHP handles
--EXTENSIONS--
pcntl
posix
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync();
$sync->getStats();
$blocks = function (string $status, int $signal): bool {
    preg_match('/^SigBlk:\s+([0-9a-f]+)/m', $status, $mask);
    return (hexdec(substr($mask[1], -8)) & (1 << ($signal - 1))) !== 0;
};
$threads = 0;
foreach (glob('/proc/self/task/*/status') as $file) {
    // A thread may end between two looks.
    $status = @file_get_contents($file);
    if ($status === false || basename(dirname($file)) === (string) posix_getpid()) {
        continue;
    }
    $threads++;
    foreach ([SIGALRM, SIGTERM, SIGINT, SIGPROF, SIGCHLD] as $signal) {
        if (!$blocks($status, $signal)) {
            echo "signal $signal reaches ", strtok($status, "\n"), "\n";
        }
    }
}
echo yes($threads >= 3), ' ', yes(!$blocks(file_get_contents('/proc/self/status'), SIGALRM)), "\n";
--EXPECT--
yes yes
