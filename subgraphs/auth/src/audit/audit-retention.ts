/** What the database keeps of the audit log in any case; as migration 0018 made it. */
export const minAuditRetentionDays = 90;
