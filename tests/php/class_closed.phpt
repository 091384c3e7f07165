--TEST--
The class cannot be cloned, serialised, extended or made without its constructor
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync();
echo get_class(thrown(fn () => clone $sync)), "\n";
echo said(fn () => serialize($sync)), "\n";
echo get_class(thrown(fn () => unserialize('O:29:"DomainDesk\Sync\RegistrarSync":0:{}'))), "\n";
echo get_class(thrown(fn () => (new ReflectionClass($sync))->newInstanceWithoutConstructor())), "\n";
echo json_encode((new ReflectionClass($sync))->isFinal()), "\n";
[, $err, $code] = in_process('final class Own extends DomainDesk\Sync\RegistrarSync {}');
echo yes(str_contains($err, 'cannot extend final class')), ' ', $code, "\n";
echo said(function () use ($sync) { $sync->undeclared = 1; }), "\n";
--EXPECT--
Error
Exception: Serialization of 'DomainDesk\Sync\RegistrarSync' is not allowed
Exception
ReflectionException
true
yes 255
Error: Cannot create dynamic property DomainDesk\Sync\RegistrarSync::$undeclared
