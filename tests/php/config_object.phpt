--TEST--
An object is refused where a key is ours
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
echo said(fn () => sync(['domain' => ['sync_retries' => new ArrayObject()]])), "\n";
--EXPECTF--
DomainDesk\Sync\Exception\ConfigException: config `domain.sync_retries`: %S
