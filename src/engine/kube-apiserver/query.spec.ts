import { Query } from './query.js';

describe('Query', () => {
  it.each(['', '1', 'true', 'True', 'TRUE', 'yes', 'no', '00'])('takes %j for yes', (text) => {
    expect(new Query(`watch=${text}`).flag('watch')).toBe(true);
  });

  it.each(['0', 'false', 'False', 'FALSE'])('takes %j for no', (text) => {
    expect(new Query(`watch=${text}`).flag('watch')).toBe(false);
  });

  it('takes what is absent, or was sent with a semicolon, for no', () => {
    expect(new Query('other=1').flag('watch')).toBe(false);
    expect(new Query('watch=1;').flag('watch')).toBe(false);
  });
});
