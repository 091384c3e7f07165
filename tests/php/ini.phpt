--TEST--
php.ini says how many threads there are, for the whole process; what makes no sense is the default
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$threads = 'sync(); echo count(array_filter(scandir("/proc/self/task"), fn ($id) => (int) $id > 0 && str_starts_with(file_get_contents("/proc/self/task/$id/comm"), "dds-rt"))) > ';
foreach (['5' => 4, '0' => 1, 'many' => 1] as $value => $least) {
    [$out, $err, $code] = in_process($threads . $least . ' ? "enough" : "too few"; echo " ", ini_get("domaindesk_sync.worker_threads"), " ", json_encode(ini_set("domaindesk_sync.worker_threads", "9"));', ["domaindesk_sync.worker_threads=$value"]);
    echo "$out$err $code\n";
}
--EXPECT--
enough 5 false 0
enough 0 false 0
enough many false 0
