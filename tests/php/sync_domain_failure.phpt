--TEST--
A registrar's failure is a result and no exception (S8.1)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$result = sync(registrar: 'broken')->syncDomain(key(domains(1)));
echo json_encode([$result['success'], $result['error_code']]), ' ', gettype($result['error']), ' ', json_encode(isset($result['changes'])), "\n";
--EXPECT--
[false,"network"] string false
