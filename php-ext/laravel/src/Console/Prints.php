<?php

declare(strict_types=1);

namespace DomainDesk\Sync\Laravel\Console;

use DomainDesk\Sync\Exception\SyncException;
use Symfony\Component\Console\Helper\ProgressBar;
use Symfony\Component\Console\Terminal;

/** What the commands print alike. */
trait Prints
{
    /** How many rows of changes are shown; the rest is counted. */
    private static int $mostRows = 50;

    /**
     * Runs a command's work. What breaks the whole of it is one line that says what to do, and exit code 1.
     *
     * @param callable(): int $work
     */
    private function guarded(callable $work): int
    {
        try {
            return $work();
        } catch (SyncException $exception) {
            $this->newLine();
            $this->error(sprintf('%s: %s', $exception->getKind(), $exception->getMessage()));

            return 1;
        }
    }

    /** A progress bar on a terminal, nothing elsewhere: a log has no use for it. */
    private function bar(int $steps): ProgressBar
    {
        $bar = $this->output->createProgressBar($steps);
        $bar->setFormat(' %current%/%max% [%bar%] %percent:3s%% %elapsed:6s% %message%');
        $bar->setMessage('');
        if (!$this->output->isDecorated()) {
            $bar->setOverwrite(false);
            $bar->setRedrawFrequency(max(1, intdiv($steps, 10)));
        }

        return $bar;
    }

    /**
     * What became of a batch: changes, failures, numbers.
     *
     * @param array<string, mixed> $report
     */
    private function report(array $report): void
    {
        $this->changes($report['results']);
        $failed = array_filter($report['results'], static fn (array $result): bool => !$result['success']);
        if ($failed !== []) {
            $rows = [];
            foreach (array_slice($failed, 0, self::$mostRows) as $name => $result) {
                $rows[] = [$name, $result['error_code'] ?? '', $this->shortened($result['error'] ?? '')];
            }
            $this->table(['Failed', 'Kind', 'Why'], $rows);
            $this->more(count($failed));
        }
        $stats = $report['stats'];
        $this->table(
            ['Total', 'Synced', 'Changed', 'Skipped', 'Held', 'Failed', 'API calls', 'Seconds'],
            [[
                $stats['total'], $stats['synced'], $stats['changes'], $stats['skipped'], $stats['held'], $stats['failed'],
                $stats['api_calls'], number_format($stats['duration_ms'] / 1000, 1),
            ]]
        );
        if ($stats['held'] > 0) {
            $this->warn('The safety brake holds changes back: look at them with domain:review.');
        }
        if ($report['timed_out'] || $report['cancelled']) {
            $this->warn("Stopped before its end: {$report['left']} domains are left for the next run.");
        }
    }

    /**
     * A row for each field that changed.
     *
     * @param array<string, array<string, mixed>> $results
     */
    private function changes(array $results): void
    {
        $rows = [];
        foreach ($results as $name => $result) {
            foreach ($result['changes'] ?? [] as $field => $change) {
                $rows[] = [$name, $field, $this->shown($change['old']), $this->shown($change['new'])];
            }
        }
        if ($rows !== []) {
            $this->table(['Domain', 'Field', 'Old', 'New'], array_slice($rows, 0, self::$mostRows));
            $this->more(count($rows));
        }
    }

    private function more(int $rows): void
    {
        if ($rows > self::$mostRows) {
            $this->line(sprintf('… and %d more', $rows - self::$mostRows));
        }
    }

    private function shown(mixed $value): string
    {
        if (is_array($value)) {
            $value = array_is_list($value) ? implode(', ', array_map([$this, 'shown'], $value)) : json_encode($value, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        }

        return $value === null ? '–' : $this->shortened((string) $value);
    }

    private function shortened(string $text): string
    {
        $most = max(30, intdiv((new Terminal())->getWidth(), 3));

        return mb_strlen($text) > $most ? mb_substr($text, 0, $most - 1) . '…' : $text;
    }

    /** An option that is a whole number from 1 on; null when it was not given. */
    private function number(string $option): ?int
    {
        $value = $this->option($option);
        if ($value === null || $value === '') {
            return null;
        }
        if (!ctype_digit((string) $value) || (int) $value < 1) {
            throw new \Symfony\Component\Console\Exception\InvalidOptionException("--$option expects a whole number from 1 on, got `$value`.");
        }

        return (int) $value;
    }

    /** @return array<string, mixed> options of a call: the command's partner, and that the scheduler or a person asks */
    private function callOptions(): array
    {
        $partner = $this->hasOption('partner') ? $this->number('partner') : null;
        $options = ['source' => $this->input->isInteractive() ? 'manual' : 'scheduled'];

        return $partner === null ? $options : $options + ['partner_id' => $partner];
    }
}
