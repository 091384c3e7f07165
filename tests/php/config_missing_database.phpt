--TEST--
A database that is not there is a store error, and no file is made of it
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$path = given('DDS_TEST_FOLDER') . '/absent.sqlite';
$thrown = thrown(fn () => sync(['database' => ['driver' => 'sqlite', 'database' => $path]]));
echo get_class($thrown), ' ', $thrown->getKind(), "\n", yes(str_contains($thrown->getMessage(), 'absent.sqlite')), ' ', yes(!file_exists($path)), "\n";
--EXPECT--
DomainDesk\Sync\Exception\StoreException store
yes yes
