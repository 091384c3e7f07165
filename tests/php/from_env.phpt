--TEST--
fromEnv reads Laravel's variables, and overrides come first
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
putenv('DB_CONNECTION=sqlite');
putenv('DB_DATABASE=' . database());
putenv('APP_KEY=' . given('DDS_TEST_APP_KEY'));
putenv('RESELLERCLUB_API_URL=' . given('DDS_TEST_QUICK'));
putenv('DOMAIN_SYNC_BATCH_SIZE=3');
$sync = DomainDesk\Sync\RegistrarSync::fromEnv();
echo get_class($sync), ' ', $sync->syncDomains()['stats']['synced'], "\n";
echo DomainDesk\Sync\RegistrarSync::fromEnv(['domain' => ['sync_batch_size' => 2]])->syncDomains()['stats']['synced'], "\n";
putenv('DOMAIN_SYNC_BATCH_SIZE=many');
echo yes(str_contains(thrown(fn () => DomainDesk\Sync\RegistrarSync::fromEnv())->getMessage(), 'DOMAIN_SYNC_BATCH_SIZE')), "\n";
--EXPECT--
DomainDesk\Sync\RegistrarSync 3
2
yes
