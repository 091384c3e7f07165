--TEST--
registrars() and version() say what there is
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
use DomainDesk\Sync\RegistrarSync;
$registrars = RegistrarSync::registrars();
echo implode(' ', array_keys($registrars)), "\n", implode(' ', array_keys($registrars['resellerclub'])), ' ', json_encode($registrars['resellerclub']['prices']), "\n";
echo yes(RegistrarSync::version() === phpversion('domaindesk_sync')), "\n";
--EXPECTF--
%Aresellerclub%A
list prices contacts max_in_flight true
yes
