<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Console;

use DomainDesk\Sync\RegistrarSyncInterface;
use Illuminate\Console\Command;

/** The domains that ask a person to look. */
final class ReviewCommand extends Command
{
    use Prints;

    /** @var string */
    protected $signature = 'domain:review
        {domain?* : Ids or names of those to clear; without them, all that are listed}
        {--clear : Take back that somebody should look, and let them be tried again at once}
        {--partner= : Only domains of the partner with this id}
        {--limit=100 : How many at most}';

    /** @var string */
    protected $description = 'List the domains whose sync asks a person to look, or take that back';

    public function handle(RegistrarSyncInterface $sync): int
    {
        return $this->guarded(function () use ($sync): int {
            $options = array_diff_key($this->callOptions(), ['source' => 1]);
            $named = $this->argument('domain');
            $reviews = $sync->getDomainsNeedingReview($options + ['limit' => $this->number('limit') ?? 100]);
            if ($this->option('clear')) {
                $domains = $named !== [] ? $named : array_column($reviews, 'id');
                $cleared = 0;
                foreach ($domains as $domain) {
                    $cleared += (int) $sync->clearReview(ctype_digit((string) $domain) ? (int) $domain : $domain);
                }
                $this->info("$cleared domains are tried again.");

                return 0;
            }
            if ($reviews === []) {
                $this->info('No domain asks for a look.');

                return 0;
            }
            $row = fn (array $review): array => [
                $review['id'], $review['domain'], $this->shortened($review['reason'] ?? ''), $review['since'] ?? '', $review['error_code'] ?? '', $review['attempts'],
            ];
            $this->table(['Id', 'Domain', 'Why', 'Since', 'Kind', 'Attempts'], array_map($row, $reviews));
            $this->line('When you have looked: domain:review --clear, with the ids of some or without for all.');

            return 0;
        });
    }
}
