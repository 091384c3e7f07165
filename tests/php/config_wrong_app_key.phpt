--TEST--
A wrong APP_KEY is told where the credentials are needed, and nothing is written (S6.3)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync(['app_key' => 'base64:' . base64_encode(str_repeat('k', 32))]);
$thrown = thrown(fn () => $sync->syncDomain(key(domains(1))));
echo get_class($thrown), ' ', $thrown->getKind(), ' ', $thrown->getRegistrar(), "\n";
echo yes(str_contains($thrown->getMessage(), 'app_key') || str_contains($thrown->getMessage(), 'APP_KEY')), "\n";
echo value('SELECT count(*) FROM domains WHERE sync_metadata IS NOT NULL'), "\n";
--EXPECT--
DomainDesk\Sync\Exception\ConfigException config resellerclub
yes
0
