--TEST--
phpinfo() has a section of the extension
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
ob_start();
phpinfo(INFO_MODULES);
$before = ob_get_clean();
sync();
ob_start();
phpinfo(INFO_MODULES);
$after = ob_get_clean();
foreach ([$before, $after] as $text) {
    preg_match('/^domaindesk_sync\n\n(.*?)\n\n/ms', $text, $section);
    echo $section[1], "\n";
}
--EXPECTF--
domaindesk_sync => enabled
Version => %d.%d.%d
SQLite library => %s
Native registrars => %Sresellerclub%S
Threads => not started
domaindesk_sync.worker_threads => 2
domaindesk_sync => enabled
Version => %d.%d.%d
SQLite library => %s
Native registrars => %Sresellerclub%S
Threads => running
domaindesk_sync.worker_threads => 2
