--TEST--
A wrong argument is refused by its name, and nothing is done
--FILE--
<?php
require __DIR__ . '/bootstrap.inc';
$sync = sync();
echo said(fn () => $sync->syncDomain(1.5)), "\n";
echo said(fn () => $sync->syncDomain(null)), "\n";
echo said(fn () => $sync->syncDomain('')), "\n";
echo said(fn () => $sync->syncDomains([1, []])), "\n";
echo get_class(thrown(fn () => $sync->syncDomain(1, false, ['dryrun' => true]))), ' ', thrown(fn () => $sync->syncDomain(1, false, ['dryrun' => true]))->getMessage(), "\n";
echo said(fn () => $sync->syncDomains(null, false, 'no_such_function')), "\n";
echo said(fn () => $sync->setLogger(5)), "\n";
echo said(fn () => $sync->getDomainsNeedingSync(-1)), "\n";
echo said(fn () => $sync->syncDomain()), "\n";
echo value('SELECT count(*) FROM domains WHERE sync_metadata IS NOT NULL'), "\n";
--EXPECTF--
TypeError: DomainDesk\Sync\RegistrarSync::syncDomain(): Argument $domain must be of type int|string, %s given
TypeError: DomainDesk\Sync\RegistrarSync::syncDomain(): Argument $domain must be of type int|string, %s given
DomainDesk\Sync\Exception\ConfigException: config `domain`: %s
TypeError: DomainDesk\Sync\RegistrarSync::syncDomains(): Argument $domains[1] must be of type int|string, %s given
DomainDesk\Sync\Exception\ConfigException config `options.dryrun`: there is no such option; there are %s
TypeError: %s
TypeError: DomainDesk\Sync\RegistrarSync::setLogger(): Argument $logger must be of type ?callable, %s given
DomainDesk\Sync\Exception\ConfigException: config `limit`: expected a number from 0 to 4294967295, got -1
ArgumentCountError: %s
0
