--TEST--
A registrar that is neither native nor given is an error that names those there are
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
pdo()->exec("UPDATE registrars SET slug = 'acme', api_class = NULL");
$thrown = thrown(fn () => sync()->syncDomain(key(domains(1))));
echo get_class($thrown), ' ', yes(str_contains($thrown->getMessage(), 'acme') && str_contains($thrown->getMessage(), 'resellerclub')), "\n";
--EXPECT--
DomainDesk\Sync\Exception\ConfigException yes
