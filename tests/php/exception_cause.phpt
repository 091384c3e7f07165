--TEST--
The cause of a failure is the previous exception
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$path = tempnam(given('DDS_TEST_FOLDER'), 'db');
file_put_contents($path, str_repeat('no database ', 500));
$thrown = thrown(fn () => sync(['database' => ['driver' => 'sqlite', 'database' => $path]]));
echo get_class($thrown), ' ', get_class($thrown->getPrevious()), ' ', yes($thrown->getPrevious()->getMessage() !== ''), "\n";
--EXPECT--
DomainDesk\Sync\Exception\StoreException RuntimeException yes
