// 失败时把 error.text 显示给用户 / What fails, the user reads as error.text
module.exports = async (act) => {
  try {
    await act()
  } catch (error) {
    wx.showToast({ title: error.text || error.message, icon: 'none' })
  }
}
