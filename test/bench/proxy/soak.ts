export async function benchSoak(_o: { minutes?: number; requests?: number }): Promise<void> {}
