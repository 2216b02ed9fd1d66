export function findBrowser(): { path: string; problem?: undefined } | { problem: string; path?: undefined }
