--TEST--
A wrong configuration value is refused with its path (S6.1)
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
foreach ([
    ['database' => null],
    ['database' => ['driver' => 'oracle', 'database' => 'x']],
    ['database' => 'sqlsrv://app@db/desk'],
    ['domain' => ['sync_batch_size' => 'many']],
    ['registrar' => ['defaults' => ['timeout' => -1]]],
    ['registrar' => ['registrars' => ['resellerclub' => ['api_url' => 'ftp://registrar.example']]]],
    ['timezone' => 'Dhaka'],
    ['partner_id' => 0],
] as $wrong) {
    $thrown = thrown(fn () => sync($wrong));
    preg_match('/`([^`]*)`/', $thrown->getMessage(), $path);
    echo get_class($thrown), ' ', $thrown->getKind(), ' ', $path[1], "\n";
}
--EXPECT--
DomainDesk\Sync\Exception\ConfigException config database
DomainDesk\Sync\Exception\ConfigException config database.driver
DomainDesk\Sync\Exception\ConfigException config database
DomainDesk\Sync\Exception\ConfigException config domain.sync_batch_size
DomainDesk\Sync\Exception\ConfigException config registrar.defaults.timeout
DomainDesk\Sync\Exception\ConfigException config registrar.registrars.resellerclub.api_url
DomainDesk\Sync\Exception\ConfigException config timezone
DomainDesk\Sync\Exception\ConfigException config partner_id
