<?php

// Runs once in the master, before any worker is forked: the extension is looked at and not used.

declare(strict_types=1);

function preloaded(): int
{
    return count(DomainDesk\Sync\RegistrarSync::registrars());
}

preloaded();
