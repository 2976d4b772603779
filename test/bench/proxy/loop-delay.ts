export async function benchLoopDelay(_seconds: number): Promise<void> {}
