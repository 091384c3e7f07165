--TEST--
A value that configuration cannot hold is named
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
echo said(fn () => sync(['domain' => ['sync_retries' => new ArrayObject()]])), "\n";
--EXPECTF--
ValueError: DomainDesk\Sync\RegistrarSync::__construct(): Argument $config `domain.sync_retries` is a %S, which configuration cannot hold
