--TEST--
A database that is not DomainDesk's is refused
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$path = tempnam(given('DDS_TEST_FOLDER'), 'db');
(new PDO("sqlite:$path"))->exec('CREATE TABLE posts (id INTEGER)');
echo said(fn () => sync(['database' => ['driver' => 'sqlite', 'database' => $path]])), "\n";
file_put_contents($path, str_repeat('no database ', 500));
echo said(fn () => sync(['database' => ['driver' => 'sqlite', 'database' => $path]])), "\n";
--EXPECTF--
DomainDesk\Sync\Exception\StoreException: %A`%S`%A
DomainDesk\Sync\Exception\StoreException: %S
